/**
 * What is left of a type when a value of it has been written as JSON and read back: a Date is a string, functions and symbols
 * are gone. Inputs and results pass through the store, so this is what handlers are given and `result()` resolves to.
 */

type Lost = ((...args: never) => unknown) | symbol;

export type Json<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends { toJSON(): infer Written }
      ? Json<Written>
      : T extends Lost | bigint
        ? never
        : T extends readonly unknown[]
          ? { [Index in keyof T]: Json<T[Index]> }
          : { [Key in keyof T as T[Key] extends Lost ? never : Key]: Json<T[Key]> };

/** A handler that returns nothing gives the result null. */
export type JsonResult<T> = unknown extends T ? T : T extends undefined | void ? null : Json<T>;

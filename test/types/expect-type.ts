// The two words of compile-time checks: `expectType<Same<typeof value, Expected>>(true)` compiles only if the types are the same.

/** True when both are the same type, not just assignable; `readonly` and optional members count. */
export type Same<A, B> = Probe<A> extends Probe<B> ? true : false;

// Type parameters stand alone here on purpose: only identical types make these functions assignable.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
type Probe<A> = <T>() => T extends A ? 1 : 2;

/** Does nothing; its type argument is checked. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function expectType<Check extends true>(_holds: Check): void {}

// Templates: what counts as a placeholder, and that a value arrives in a real shell exactly as it is, wherever it stands.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { flowSyntax, writeTemplate, type FlowTemplate } from "../../../src/protocol/template/flow-syntax.ts";
import { bindJson, parseJsonTemplate, renderJson } from "../../../src/protocol/template/json-template.ts";
import { editPath } from "../../../src/protocol/template/list-syntax.ts";
import { bindTemplate, parseTemplate, renderTemplate, templateRefs } from "../../../src/protocol/template/template.ts";

const syntax = flowSyntax({ forEach: true, needs: new Set(["list", "a.b"]), vars: new Set<string>(), known: new Set(["list", "a.b", "other"]) });
const outside = flowSyntax({ forEach: false, needs: new Set(), vars: new Set<string>(), known: new Set() });

function script(text: string): FlowTemplate {
  const { template, problems } = parseTemplate(text, syntax, { shell: true });
  assert.deepEqual(problems, []);
  return template;
}

/** Text without NUL, rich in what shells care about. */
const value = fc.array(fc.oneof(fc.constantFrom(...Array.from("'\"\\$`\n\t ;|&<>(){}[]#*?~!=%^-"), "$(", "${", "\r"), fc.string({ unit: "binary", minLength: 1, maxLength: 3 }))).map((parts) => parts.join("").replaceAll("\0", ""));

test("a value reaches a real shell unchanged in every place that is allowed", () => {
  const template = script(
    "printf '%s\\0' {item} a{item}b \"x{item}y\" '<{item}>' \"$(printf %s {item}; echo .)\" \"$(printf %s \"{item}\"; echo .)\" # it's {item}\nprintf '%s\\0' \"\\\"{item}\" $((1 + {index})) {{item}",
  );
  fc.assert(
    fc.property(value, (item) => {
      const rendered = renderTemplate(template, (ref) => (ref.kind === "index" ? 41 : item));
      const words = execFileSync("sh", ["-c", rendered], { encoding: "utf8" }).split("\0");
      assert.deepEqual(words, [item, `a${item}b`, `x${item}y`, `<${item}>`, `${item}.`, `${item}.`, `"${item}`, "42", "{item}", ""]);
    }),
    { numRuns: 60 },
  );
});

test("no value is ever run, whatever script it stands in", () => {
  const folder = mkdtempSync(join(tmpdir(), "template-"));
  const tokens = ["'", '"', "\\", "\"$(", "$(", ")", "(", "#", " ", "\n", "<<E", "<<-E\n", "E\n", "`", "$'", "${x:-", "${x#", "}", "$((", "))", "$$", "echo ", "a", "x=", ";", "|", "case a in a) ", "\\'", "$", ">f"];
  const evil = ["$(touch run)", "`touch run`", ";touch run;", "\ntouch run\n", "'\ntouch run\n'", '"\ntouch run\n"', ")\ntouch run\n(", "E\ntouch run\n", "x[$(touch run)]"];
  // The first word does nothing: a script may run what a command prints, as in `$(echo {item})`.
  const hostile = `: ${evil.join("")}'${evil.join("'")}"${evil.join('"')}`;
  try {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens, "{item}", "{item}"), { minLength: 2, maxLength: 12 }), (parts) => {
        const { template, problems } = parseTemplate(parts.join(""), syntax, { shell: true });
        if (problems.length > 0 || templateRefs(template).length === 0) return;
        if (template.some((part) => typeof part !== "string" && part.quote === "number")) return;
        spawnSync("sh", ["-c", renderTemplate(template, () => hostile)], { cwd: folder, input: "" });
        assert.equal(existsSync(join(folder, "run")), false);
      }),
      { numRuns: 300 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("places where no quoting is safe are refused with advice", () => {
  for (const text of ["echo `ls {item}`", "cat <<E\n{item}\nE\n", "echo ${x:-{item}}", "echo $'{item}'", 'echo "$(case a in a) echo {item};; esac)"', "cat <<E {item}\nE\n"]) {
    assert.match(parseTemplate(text, syntax, { shell: true }).problems.join(), /cannot go here: .*pass the value through env/, text);
  }
  assert.throws(() => renderTemplate(script("echo $(({item}))"), () => "x[$(ls)]"), { code: "invalid_input" });
  assert.throws(() => renderTemplate(script("echo {item}"), () => "a\0b"), { code: "invalid_input" });
});

test("braces that are not ours stay as they are", () => {
  for (const text of ["awk '{print $1}'", "echo ${HOME} ${item}", "docker ps --format '{{.Names}}'", "find . -exec ls {} \\;", "echo {a,b} {1..3}", "awk '{print}'", "jq '{name, id}'", "echo \\{item}"]) {
    assert.deepEqual(script(text), [text]);
  }
  assert.deepEqual(script("echo {{item} {{needs.list}"), ["echo {item} {needs.list}"]);
});

test("a slip of ours is told, with what was meant", () => {
  const problem = (text: string, of = syntax): string => parseTemplate(text, of, { shell: false }).problems.join("\n");
  assert.match(problem("{neds.list}"), /did you mean \{needs\.list\}/);
  assert.match(problem("{itme}"), /did you mean \{item\}/);
  assert.match(problem("{items.x}"), /did you mean \{item\.x\}/);
  assert.match(problem("{needs.lst}"), /did you mean "list"/);
  assert.match(problem("{needs.other}"), /add "other" to the needs/);
  assert.match(problem("{needs}"), /say of which task/);
  assert.match(problem("{{item}}"), /one brace, \{item\}/);
  assert.match(problem("{item}", outside), /only a task with for_each/);
});

test("names of tasks may hold dots; what follows the name is a path", () => {
  assert.deepEqual(templateRefs(script("{needs.a.b} {needs.a.b.c.0} {item.x.y}")), [
    { kind: "need", name: "a.b", path: [] },
    { kind: "need", name: "a.b", path: ["c", "0"] },
    { kind: "item", path: ["x", "y"] },
  ]);
  assert.equal(writeTemplate(script("echo {needs.a.b.c} {index}")), "echo {needs.a.b.c} {index}");
});

test("a template is filled in steps, and is the same as filled at once", () => {
  const template = script("wc '{item}' {needs.list} {index}");
  const bound = bindTemplate(template, (ref) => (ref.kind === "need" ? undefined : ref.kind === "index" ? 3 : "it's"));
  assert.equal(templateRefs(bound).length, 1);
  const whole = renderTemplate(template, (ref) => (ref.kind === "need" ? ["a"] : ref.kind === "index" ? 3 : "it's"));
  assert.equal(renderTemplate(bound, () => ["a"]), whole);
  assert.equal(renderTemplate(JSON.parse(JSON.stringify(bound)) as FlowTemplate, () => ["a"]), whole);
  assert.throws(() => renderTemplate(template, () => undefined), { code: "invalid_input" });
});

test("in JSON a placeholder alone takes the value itself", () => {
  const { template, problems } = parseJsonTemplate({ all: "{needs.list}", text: "n={item}", deep: [{ x: "{item}" }], plain: "{print}", __proto__x: 1 }, syntax);
  assert.deepEqual(problems, []);
  const bound = bindJson(template, (ref) => (ref.kind === "item" ? { k: [1] } : undefined));
  assert.deepEqual(renderJson(bound, () => [1, 2]), { all: [1, 2], text: 'n={"k":[1]}', deep: [{ x: { k: [1] } }], plain: "{print}", __proto__x: 1 });
  assert.deepEqual(renderJson(parseJsonTemplate("{item}", syntax).template, () => null), null);
});

test("paths are edited as GNU parallel and dirname do", () => {
  const edits = (path: string): readonly string[] => (["no-extension", "base", "folder", "base-no-extension"] as const).map((edit) => editPath(path, edit));
  assert.deepEqual(edits("dir/a.tar.gz"), ["dir/a.tar", "a.tar.gz", "dir", "a.tar"]);
  assert.deepEqual(edits("a"), ["a", "a", ".", "a"]);
  assert.deepEqual(edits("/a.b"), ["/a", "a.b", "/", "a"]);
  assert.deepEqual(edits("x.d/a"), ["x.d/a", "a", "x.d", "a"]);
});

import type { Value } from "./log-events.ts";

export type Row = ReadonlyMap<string, Value>;

/** What an expression is for a row; a condition is 1 or 0, nothing where a field is missing. */
export type Expression = (row: Row) => Value | undefined;

const token = /\s*(?:"([^"]*)"|(\d+(?:\.\d+)?)|(@?[A-Za-z_][\w.]*)|(!=|<=|>=|[=<>()[\],*]))/y;

/** Reads the expressions of a command from left to right. Throws for what it does not know. */
export function expressionParser(text: string) {
  let at = 0;

  function next(): { readonly kind: "string" | "number" | "name" | "sign" | "end"; readonly text: string } {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) {
      if (text.slice(at).trim() !== "") throw new Error(`this evaluator does not know ${text.slice(at)}`);
      return { kind: "end", text: "" };
    }
    at = token.lastIndex;
    const [, string, number, name, sign = ""] = match;
    if (string !== undefined) return { kind: "string", text: string };
    if (number !== undefined) return { kind: "number", text: number };
    return name === undefined ? { kind: "sign", text: sign } : { kind: "name", text: name };
  }

  function takes(wanted: string): boolean {
    const before = at;
    const { kind, text: found } = next();
    if ((kind === "name" || kind === "sign") && found === wanted) return true;
    at = before;
    return false;
  }

  function expect(wanted: string): void {
    if (!takes(wanted)) throw new Error(`${wanted} is wanted before ${text.slice(at)}`);
  }

  function name(): string {
    const { kind, text: found } = next();
    if (kind !== "name") throw new Error(`a name is wanted in ${text}`);
    return found;
  }

  function number(): number {
    const { kind, text: found } = next();
    if (kind !== "number") throw new Error(`a number is wanted in ${text}`);
    return Number(found);
  }

  function list<T>(item: () => T): T[] {
    const items = [item()];
    while (takes(",")) items.push(item());
    return items;
  }

  function expression(): Expression {
    let left = comparison();
    while (takes("and")) {
      const [first, second] = [left, comparison()];
      left = (row) => Number(first(row) === 1 && second(row) === 1);
    }
    return left;
  }

  function comparison(): Expression {
    const left = operand();
    if (takes("=")) return compared(left, operand(), (a, b) => a === b);
    if (takes("like")) return compared(left, operand(), (a, b) => String(a).includes(String(b)));
    if (takes("in")) {
      expect("[");
      const values = list(operand);
      expect("]");
      return (row) => {
        const value = left(row);
        return value === undefined ? undefined : Number(values.some((each) => each(row) === value));
      };
    }
    return left;
  }

  function operand(): Expression {
    const { kind, text: found } = next();
    switch (kind) {
      case "string":
        return () => found;
      case "number":
        return () => Number(found);
      case "name":
        return takes("(") ? call(found) : (row) => row.get(found);
      default:
        throw new Error(`this evaluator does not know ${found}${text.slice(at)}`);
    }
  }

  function call(function_: string): Expression {
    const given = list(operand);
    expect(")");
    const [first = () => undefined] = given;
    switch (function_) {
      case "ispresent":
        return (row) => Number(first(row) !== undefined);
      case "coalesce":
        return (row) => given.map((each) => each(row)).find((value) => value !== undefined);
      default:
        throw new Error(`this evaluator does not know ${function_}()`);
    }
  }

  return {
    expression,
    list,
    name,
    number,
    takes,
    expect,
    rest: () => text.slice(at),
    end() {
      if (next().kind !== "end") throw new Error(`this evaluator does not know what is left of ${text}`);
    },
  };
}

function compared(left: Expression, right: Expression, holds: (a: Value, b: Value) => boolean): Expression {
  return (row) => {
    const [a, b] = [left(row), right(row)];
    return a === undefined || b === undefined ? undefined : Number(holds(a, b));
  };
}

/** As the runner reads its commands: what is obeyed, with its properties turned back. */
export function obeyed(output: string) {
  const commands: { name: string; properties: Record<string, string>; data: string }[] = [];
  let stopped: string | null = null;
  for (const line of output.split(/\r\n|[\n\r]/)) {
    const [, name = "", written = "", data = ""] = /^\s*::([^\s:]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
    if (stopped !== null) {
      if (name === stopped) stopped = null;
      continue;
    }
    if (name === "" && !/##\[/.test(line)) continue;
    if (name === "stop-commands") stopped = data;
    else {
      const properties = written.split(",").map((pair) => {
        const equals = pair.indexOf("=");
        return [pair.slice(0, equals), decoded(pair.slice(equals + 1))] as const;
      });
      commands.push({ name, properties: Object.fromEntries(properties), data: decoded(data) });
    }
  }
  return commands;
}

function decoded(text: string): string {
  const characters: Readonly<Record<string, string>> = { "%0A": "\n", "%0D": "\r", "%3A": ":", "%2C": ",", "%25": "%" };
  return text.replaceAll(/%(?:0A|0D|3A|2C|25)/g, (code) => characters[code] ?? code);
}

/** As the runner reads the file of a step's outputs: by name, the last of a name. Throws where it would refuse the file. */
export function outputsIn(file: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  const lines = file.split(/\r?\n/);
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === "") continue;
    const [, name, delimiter] = /^([^=]*?)<<(.+)$/.exec(line) ?? [];
    if (name === undefined) {
      const equals = line.indexOf("=");
      if (equals < 1) throw new Error(`Invalid format '${line}'`);
      outputs[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    const end = lines.indexOf(delimiter ?? "");
    if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'`);
    outputs[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join("\n");
  }
  return outputs;
}

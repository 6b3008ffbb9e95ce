// {{title}}
//
// The program is in this file as base64 of gzip, because a CloudFormation template holds a megabyte at most. The lines
// below unpack it, refuse it unless it is the one whose SHA-256 they name, and run it in the place of this file.
// In a clone of the same version, "npm ci && npm run template" prints the same SHA-256. To read the program:
//
//     sed -n 's/^const packed = "\(.*\)";$/\1/p' index.js | base64 -d | gunzip
"use strict";
const { createHash } = require("node:crypto");
const { join } = require("node:path");
const { gunzipSync } = require("node:zlib");

const sha256 = "{{sha256}}";
const packed = "{{packed}}";
const program = gunzipSync(Buffer.from(packed, "base64"));
if (createHash("sha256").update(program).digest("hex") !== sha256) {
  throw new Error(`not the program with SHA-256 ${sha256}`);
}
module._compile(program.toString("latin1"), join(__dirname, "program.js"));

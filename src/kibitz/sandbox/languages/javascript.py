"""JavaScript, by Node.js.

Rule: the runtime starts before it knows its program. A module that is loaded first (`--require`) takes it, and then Node runs it as any
other script.
"""

from typing import Final

from kibitz.sandbox.plan import TOOLS, Language, Stage

_HEAP: Final = 384
"""MiB of JavaScript objects: below the limit of the sandbox, so that Node itself can say that it ran out."""

_RECEIVE: Final = rb"""
"use strict";
if (process.env.KIBITZ_RECEIVE) {  // not in a worker or a child, which load this again
  delete process.env.KIBITZ_RECEIVE;
  process.execArgv.splice(0);
  const fs = require("fs");
  process.stdout, process.stderr;  // made at first use, which takes longer than the rest of a small program
  const more = (buffer, at) => {
    const count = fs.readSync(0, buffer, at, buffer.length - at);
    if (count === 0) process.exit(125);
    return at + count;
  };
  let size = "";
  const byte = Buffer.alloc(1);
  while (more(byte, 0) && byte[0] !== 10) size += String.fromCharCode(byte[0]);
  const program = Buffer.alloc(Number(size));
  for (let at = 0; at < program.length;) at = more(program, at);
  fs.writeFileSync("main.js", program);

  // In a terminal a program ends when it reads no more; Node keeps waiting for a pipe.
  const stdin = Object.getOwnPropertyDescriptor(process, "stdin");
  let isKnown = false;
  const get = () => {
    const stream = stdin.get.call(process);
    if (!isKnown && stream.unref) stream.on("pause", () => stream.unref()).on("resume", () => stream.ref());
    isKnown = true;
    return stream;
  };
  Object.defineProperty(process, "stdin", { ...stdin, get });
}
"""

LANGUAGE: Final = Language(
    name="javascript",
    title="JavaScript",
    aliases=("js", "node", "nodejs"),
    extensions=(".js", ".cjs"),
    package="nodejs",
    programs=("node",),
    toolchain="Node.js",
    version="node --version | tr -d v",
    proof='console.log("hello, " + require("fs").readFileSync(0, "utf8").split("\\n")[0])',
    run=Stage(
        name="javascript",
        script=f"node --max-old-space-size={_HEAP} --require {TOOLS}/receive.js main.js; exit $?",
        files=((f"{TOOLS}/receive.js", _RECEIVE),),
        environment=(("KIBITZ_RECEIVE", "1"),),
        warm=2,
    ),
)

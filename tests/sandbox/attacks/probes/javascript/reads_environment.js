/* Read the environment that the server was started with, its parents' too.
 *
 * area: environment
 */
require("./prelude.js");
const fs = require("fs");

const find = (text) => {
    const at = text.indexOf("@VARIABLE@=");
    if (at < 0) throw new Error("not there");
    return text.slice(at).split("\0")[0];
};
told("its own", () => find(Object.entries(process.env).map(([name, value]) => name + "=" + value).join("\0")));
told("its parent's", () => find(fs.readFileSync(`/proc/${process.ppid}/environ`, "utf8")));
told("the server's", () => find(fs.readFileSync("/proc/@SERVICE@/environ", "utf8")));

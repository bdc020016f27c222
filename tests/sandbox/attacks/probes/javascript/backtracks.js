/* Match a regular expression that takes longer than the universe is old.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it ends what it started with SIGKILL
 */
require("./prelude.js");
say(String(/^(a|a)*$/.test("a".repeat(60) + "b")));

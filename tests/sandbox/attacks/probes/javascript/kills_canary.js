/* Kill a process of the host, and wake the debugger of one.
 *
 * area: processes
 */
require("./prelude.js");
told("wake the debugger", () => process.kill(Number("@CANARY@"), "SIGURG"));
told("kill it", () => process.kill(Number("@CANARY@"), "SIGKILL"));

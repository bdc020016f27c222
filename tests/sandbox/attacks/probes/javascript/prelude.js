/* What every JavaScript probe begins with: it marks its process, says RAN, and tells what came of each attempt.
 *
 * Rule: the line of a probe that requires this file is replaced with what stands here.
 */
process.title = "@MARK@";
const say = (text) => require("fs").writeSync(1, text + "\n");
say("RAN");
setTimeout(() => process.exit(3), 30000).unref();

/* Try what must be refused: what it says, or a breach. */
async function told(what, attempt) {
    try {
        const result = await attempt();
        say(`BREACH ${what}: ${String(result).slice(0, 300)}`);
    } catch (error) {
        say(`TOLD ${what}: ${error.code ?? error.name}`);
    }
}

/* How far a bomb came: a breach from `limit` on. */
const reached = (what, count, limit) => say(`${count >= limit ? "BREACH" : "TOLD"} ${what}: ${count}`);

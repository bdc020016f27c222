/* Leave a program behind that has a session of its own.
 *
 * area: leftovers
 * ends: exit 0
 */
import java.lang.ProcessBuilder.Redirect;

class Main {
    public static void main(String[] arguments) throws Exception {
        Prelude.begin();
        new ProcessBuilder("setsid", "sh", "-c", "trap '' TERM HUP; for i in $(seq 250); do sleep 0.1; done; : @MARK@")
            .redirectInput(Redirect.from(new java.io.File("/dev/null")))
            .redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
        Prelude.say("TOLD a program was started");
    }
}

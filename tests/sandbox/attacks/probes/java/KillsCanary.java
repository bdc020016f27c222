/* Find a process of the host, and kill it.
 *
 * area: processes
 */
import java.util.*;

class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        long canary = Long.parseLong("@CANARY@");
        Prelude.told("find it", () -> ProcessHandle.of(canary).orElseThrow());
        Prelude.told("kill it", () -> ProcessHandle.of(canary).orElseThrow().destroyForcibly());
        Prelude.told("kill it by a command", () -> {
            Process kill = new ProcessBuilder("kill", "-9", "@CANARY@").start();
            if (kill.waitFor() != 0) throw new IllegalStateException("refused");
            return "killed";
        });
        Prelude.reached("processes to be seen", ProcessHandle.allProcesses().count(), 20);
    }
}

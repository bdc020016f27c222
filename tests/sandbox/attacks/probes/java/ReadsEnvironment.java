/* Read the environment and the settings that the server was started with.
 *
 * area: environment
 */
import java.nio.file.*;

class Main {
    static String find(String text) {
        int at = text.indexOf("@VARIABLE@=");
        if (at < 0) throw new IllegalStateException("not there");
        return text.substring(at).split("\0")[0];
    }

    public static void main(String[] arguments) {
        Prelude.begin();
        Prelude.told("its own", () -> System.getenv("@VARIABLE@").toString());
        Prelude.told("its own, as a file", () -> find(Files.readString(Path.of("/proc/self/environ"))));
        Prelude.told("the server's", () -> find(Files.readString(Path.of("/proc/@SERVICE@/environ"))));
    }
}

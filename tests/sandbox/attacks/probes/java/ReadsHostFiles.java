/* Read files of the host, and change them.
 *
 * area: host files
 */
import java.nio.file.*;

class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        Prelude.told("read the secret", () -> Files.readString(Path.of("@SECRET_FILE@")));
        Prelude.told("read the database", () -> Files.size(Path.of("@DATABASE@")));
        Prelude.told("through process 1", () -> Files.readString(Path.of("/proc/1/root@SECRET_FILE@")));
        Prelude.told("change the database",
            () -> Files.writeString(Path.of("@DATABASE@"), "x", StandardOpenOption.APPEND));
        Prelude.told("list its folder", () -> Files.list(Path.of("@HOST@")).count());
    }
}

/* Take memory on the heap, and go on after each refusal.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | exit 1 | exit 3 | exit 134 | memory | signal 9 | signal 6
 */
import java.util.*;

class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        List<byte[]> held = new ArrayList<>();
        for (int refusals = 0; held.size() < 96 && refusals < 3; ) {
            try {
                held.add(new byte[16 << 20]);
            } catch (OutOfMemoryError refusal) {
                refusals++;
            }
        }
        Prelude.reached("MiB of heap", held.size() * 16L, 1024);
    }
}

/* Take memory outside of the heap, past the machine's own limits.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | exit 1 | exit 3 | exit 134 | memory | signal 9 | signal 6
 */
import java.lang.reflect.*;

class Main {
    public static void main(String[] arguments) throws Exception {
        Prelude.begin();
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        sun.misc.Unsafe unsafe = (sun.misc.Unsafe) field.get(null);
        long taken = 0;
        try {
            for (; taken < 1536; taken += 64) unsafe.setMemory(unsafe.allocateMemory(64L << 20), 64L << 20, (byte) 1);
        } catch (OutOfMemoryError refusal) {
            Prelude.say("TOLD " + refusal.getMessage());
        }
        Prelude.reached("MiB outside of the heap", taken, 1024);
    }
}

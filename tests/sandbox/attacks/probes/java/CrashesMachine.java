/* Crash the Java machine itself, which then writes a report of its crash.
 *
 * area: endings
 * ends: signal 6 | signal 11 | exit 134 | exit 1
 * naive: it reports the signal
 */
import java.lang.reflect.*;

class Main {
    public static void main(String[] arguments) throws Exception {
        Prelude.begin();
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        ((sun.misc.Unsafe) field.get(null)).putAddress(8, 1);
    }
}

/* Print for ever, to both outputs, from several threads.
 *
 * area: output
 * wall: 3
 * ends: exit 0 | output | timeout | signal 9 | signal 13
 */
class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        String line = "w".repeat(1000);
        for (int i = 0; i < 4; i++) {
            java.io.PrintStream out = i % 2 == 0 ? System.out : System.err;
            new Thread(() -> {
                for (int n = 0; n < 5000; n++) out.println(line);
            }).start();
        }
    }
}

/* Start thread after thread.
 *
 * area: process bombs
 * ends: exit 0 | exit 1 | processes | memory | signal 9 | signal 6
 */
class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        int started = 0;
        try {
            for (; started < 400; started++) {
                Thread thread = new Thread(null, () -> Prelude.pause(5_000), "x", 65536);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (OutOfMemoryError refusal) {
            Prelude.say("TOLD " + refusal.getMessage());
        }
        Prelude.reached("threads", started, 100);
        Runtime.getRuntime().halt(0);
    }
}

/* Hang while it is being ended: a hook that never returns, and threads that nobody waits for in vain.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it ends what it started with SIGKILL
 */
class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Prelude.pause(25_000)));
        new Thread(() -> Prelude.pause(25_000)).start();
        System.exit(0);
    }
}

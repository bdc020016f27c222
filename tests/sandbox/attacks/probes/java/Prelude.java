/* What every Java probe is given: it marks its process, says RAN, and tells what came of each attempt.
 *
 * Rule: it is put behind the probe, in the same file.
 */
final class Prelude {
    interface Attempt {
        Object run() throws Throwable;
    }

    /** Marks this process by the name of a thread: the machine gives programs no other way. */
    static void begin() {
        Thread mark = new Thread(() -> pause(30_000), "@MARK@");
        mark.setDaemon(true);
        mark.start();
        say("RAN");
    }

    static synchronized void say(String text) {
        System.out.println(text);
        System.out.flush();
    }

    /** Tries what must be refused: what it says, or a breach. */
    static void told(String what, Attempt attempt) {
        try {
            say("BREACH " + what + ": " + attempt.run());
        } catch (Throwable refusal) {
            say("TOLD " + what + ": " + refusal.getClass().getSimpleName());
        }
    }

    /** How far a bomb came: a breach from `limit` on. */
    static void reached(String what, long count, long limit) {
        say((count >= limit ? "BREACH " : "TOLD ") + what + ": " + count);
    }

    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException none) {
            Thread.currentThread().interrupt();
        }
    }
}

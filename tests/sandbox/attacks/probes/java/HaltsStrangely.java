/* End the machine at once, with a code that means nothing, behind the back of whatever started the program in it.
 *
 * area: endings
 * ends: exit 77
 * naive: it reports the code
 */
class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        System.setErr(null);
        Prelude.say("TOLD it halts");
        System.setOut(null);
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> Runtime.getRuntime().halt(78));
        Runtime.getRuntime().halt(77);
    }
}

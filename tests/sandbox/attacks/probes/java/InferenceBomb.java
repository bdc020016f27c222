/* Let the compiler look for a type that a list in a list in a list and a set have in common.
 *
 * area: compilers
 * slow: yes
 * ends: not built
 * naive: this compiler is a single process, which it kills
 */
import java.util.*;

class Main {
    public static void main(String[] arguments) {
        boolean p = arguments.length == 0;
        Prelude.begin();
        var bomb = p ? List.of(p ? List.of(p ? List.of(p ? List.of(p ? List.of(p ? List.of(p ? List.of(p ? List.of(
            p ? List.of(p ? List.of(p ? List.of(p ? List.of(1) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1)
        ) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1)) : Set.of(1);
    }
}

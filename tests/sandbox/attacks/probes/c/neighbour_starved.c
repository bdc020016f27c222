/* Use up every process a user may have, so that the run beside it can start none.
 *
 * area: spying
 * runs: at once
 * ends: exit 0 | processes | signal 9
 * naive: this bomb is smaller than the limit of the whole user, which is all it has
 */
#include "prelude.h"

int main(void) {
    int first = is_first();
    long wanted = first ? 400 : 20, children = 0;
    if (!first) rest(400);
    for (; children < wanted; children++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(3);
            rest(first ? 800 : 100);
            _exit(0);
        }
        if (child < 0) break;
    }
    if (first) rest(800);
    dprintf(1, "%s %ld children\n", first || children == wanted ? "TOLD" : "BREACH the other run left only", children);
    return 0;
}

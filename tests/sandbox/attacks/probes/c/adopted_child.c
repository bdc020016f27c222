/* Give its child to its parent, so that nobody finds it below itself.
 *
 * area: leftovers
 * ends: exit 0
 */
#include "prelude.h"
#include <sched.h>

int main(void) {
    long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        setsid();
        for (int number = 0; number < 256; number++) close(number);
        alarm(25);
        for (;;) rest(100);
    }
    dprintf(1, "TOLD a sibling was started: %d\n", child > 0);
    return 0;
}

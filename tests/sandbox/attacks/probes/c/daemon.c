/* Leave a daemon behind: two forks, a session of its own, every descriptor closed.
 *
 * area: leftovers
 * ends: exit 0
 */
#include "prelude.h"

int main(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, 0);
            for (int number = 0; number < 256; number++) close(number);
            alarm(25);
            for (;;) rest(100);
        }
        _exit(0);
    }
    wait(NULL);
    dprintf(1, "TOLD a daemon was started\n");
    return 0;
}

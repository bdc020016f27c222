/* Leave a daemon behind that is deaf to every signal that can be ignored, and cannot be looked at.
 *
 * area: leftovers
 * ends: exit 0
 */
#include "prelude.h"

int main(void) {
    if (fork() == 0) {
        setsid();
        prctl(PR_SET_DUMPABLE, 0);
        for (int number = 1; number < 65; number++)
            if (number != SIGALRM) signal(number, SIG_IGN);
        for (int number = 0; number < 256; number++) close(number);
        alarm(25);
        for (;;) rest(100);
    }
    rest(50);
    dprintf(1, "TOLD a daemon was started\n");
    return 0;
}

/* Move on to a new process before anybody can kill the last: each child starts the next and ends.
 *
 * area: process bombs
 * ends: exit 0
 */
#include "prelude.h"

int main(void) {
    setsid();
    for (int generation = 0; generation < 2000; generation++) {
        pid_t child = fork();
        if (child > 0) _exit(0);
        if (child == 0) {
            setsid();
            alarm(10);
            rest(2);
        }
    }
    return 0;
}

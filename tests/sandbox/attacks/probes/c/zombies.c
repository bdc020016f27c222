/* Leave dead children unburied, so that the table of processes fills.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
#include "prelude.h"

int main(void) {
    long dead = 0;
    for (; dead < 1000; dead++) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child < 0) break;
    }
    reached("dead children", dead, 100);
    return 0;
}

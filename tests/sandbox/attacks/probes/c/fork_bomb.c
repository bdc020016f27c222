/* Start child after child.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
#include "prelude.h"

int main(void) {
    long children = 0;
    for (; children < 400; children++) {
        pid_t child = fork();
        if (child == 0) linger();
        if (child < 0) break;
    }
    reached("children", children, 100);
    return 0;
}

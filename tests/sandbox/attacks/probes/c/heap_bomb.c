/* Take memory from the heap until there is none.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    long taken = 0;
    for (; taken < 1536; taken += 16) {
        char *more = malloc(16 * MIB);
        if (more == NULL) break;
        memset(more, 1, 16 * MIB);
    }
    reached("MiB of heap", taken, 1024);
    return 0;
}

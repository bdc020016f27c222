/* Write as much as it can, without a single line end.
 *
 * area: output
 * ends: exit 0 | output | signal 9 | signal 13
 */
#include "prelude.h"

int main(void) {
    static char block[65536];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1024; i++)
        if (write(1, block, sizeof block) < 0) break;
    return 0;
}

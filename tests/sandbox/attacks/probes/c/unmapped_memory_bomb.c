/* Take memory in files without a name, unmapped once they are full, so that no process shows it.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    static char block[MIB];
    memset(block, 1, sizeof block);
    long taken = 0;
    for (int file = -1; taken < 1536; taken++) {
        if (taken % 64 == 0) file = (int)syscall(SYS_memfd_create, "x", 0);
        if (write(file, block, sizeof block) != (ssize_t)sizeof block) break;
    }
    reached("MiB of files without a name", taken, 1024);
    return 0;
}

/* Make one giant file, by three calls that need no writing.
 *
 * area: disk
 * ends: exit 0 | disk | memory | signal 25
 */
#include "prelude.h"

int main(void) {
    signal(SIGXFSZ, SIG_IGN);
    int file = open("giant", O_CREAT | O_RDWR, 0600);
    told("truncate to 400 MiB", ftruncate(file, 400 * MIB));
    told("allocate 400 MiB", fallocate(file, 0, 0, 400 * MIB));
    told("write at 400 MiB", pwrite(file, "x", 1, 400 * MIB));
    return 0;
}

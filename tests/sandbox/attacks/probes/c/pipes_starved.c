/* Use up what the kernel lets one user have in pipes, so that the pipes of the run beside it become small.
 *
 * area: spying
 * runs: at once
 * ends: exit 0 | descriptors | signal 9
 */
#include "prelude.h"

static void grow(void) {
    for (int made = 0, pair[2]; made < 60 && pipe(pair) == 0; made++) fcntl(pair[1], F_SETPIPE_SZ, MIB);
    alarm(3);
    rest(900);
    _exit(0);
}

int main(void) {
    if (is_first()) {
        for (int i = 0; i < 4; i++)
            if (fork() == 0) grow();
        rest(1000);
        dprintf(1, "TOLD the first run made its pipes\n");
        return 0;
    }
    int pair[2];
    rest(500);
    long size = pipe(pair) == 0 ? fcntl(pair[0], F_GETPIPE_SZ) : 0;
    dprintf(1, "%s a new pipe holds %ld bytes\n", size >= 65536 ? "TOLD" : "BREACH", size);
    return 0;
}

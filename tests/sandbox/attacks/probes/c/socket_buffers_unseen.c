/* The same, in processes whose descriptors nobody of the same user may look at (not dumpable).
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | descriptors | signal 9
 */
#include "prelude.h"

static long fill(void) {
    static char block[65536];
    long taken = 0;
    for (int made = 0, pair[2], size = 1 << 20; made < 20 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0; made++) {
        setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        for (long sent; (sent = send(pair[0], block, sizeof block, MSG_DONTWAIT)) > 0;) taken += sent;
    }
    return taken;
}

int main(void) {
    volatile long *taken = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prctl(PR_SET_DUMPABLE, 0);
    for (int i = 0; i < 40; i++)
        if (fork() == 0) {
            __sync_fetch_and_add(taken, fill());
            linger();
        }
    for (int i = 0; i < 150 && *taken < 600 * MIB; i++) rest(10);
    reached("MiB in socket buffers", *taken / MIB, 400);
    return 0;
}

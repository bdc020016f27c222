/* Take memory in the buffers of sockets, made as large as they can be, with no more descriptors than a run may have.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | descriptors | signal 9
 */
#include "prelude.h"

static long fill(int channel) {
    static char block[65536];
    int size = 1 << 22;
    setsockopt(channel, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    long taken = 0;
    for (long sent; taken < 4 * MIB && (sent = send(channel, block, sizeof block, MSG_DONTWAIT)) > 0;) taken += sent;
    return taken;
}

int main(void) {
    volatile long *taken = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            for (int made = 0, pair[2]; made < 50 && *taken < 1536 * MIB; made++) {
                if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) break;
                __sync_fetch_and_add(taken, fill(pair[0]) + fill(pair[1]));
            }
            linger();
        }
    for (int i = 0; i < 200 && *taken < 1400 * MIB; i++) rest(10);
    reached("MiB in socket buffers", *taken / MIB, 600);
    return 0;
}

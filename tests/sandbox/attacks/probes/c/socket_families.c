/* Open a socket of every family the kernel has, in every manner.
 *
 * area: network
 */
#include "prelude.h"

int main(void) {
    static const int manners[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
    int refused = 0, pair[2];
    for (int family = 0; family < 64; family++)
        for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
            if (family == AF_UNIX) continue;
            int made = socket(family, manners[i], 0);
            if (made >= 0) dprintf(1, "BREACH a socket of family %d, manner %d\n", family, manners[i]);
            if (made < 0) refused++; else close(made);
        }
    told("a pair of family 40", socketpair(40 /* AF_VSOCK */, SOCK_STREAM, 0, pair));
    told("a pair of family 30", socketpair(30 /* AF_TIPC */, SOCK_SEQPACKET, 0, pair));
    dprintf(1, "TOLD %d of 252 sockets are refused\n", refused);
    return 0;
}

/* Keep more open files than it may, by sending them into sockets that nobody reads and closing them here.
 *
 * area: descriptors
 * ends: exit 0 | descriptors | memory | signal 9
 */
#include "prelude.h"

static int send_away(int channel, int file) {
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &file, sizeof file);
    return (int)sendmsg(channel, &message, MSG_DONTWAIT);
}

int main(void) {
    long away = 0;
    for (int made = 0, pair[2]; made < 10 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0; made++)
        for (int i = 0; i < 250; i++) {
            int file = open("/dev/null", O_RDONLY);
            if (file < 0 || send_away(pair[0], file) < 0) {
                close(file);
                break;
            }
            close(file);
            away++;
        }
    reached("files in flight", away, 1024);
    return 0;
}

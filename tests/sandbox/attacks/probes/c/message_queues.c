/* Make a POSIX message queue.
 *
 * area: leftovers
 */
#include "prelude.h"

int main(void) {
    told("mq_open", syscall(SYS_mq_open, "@MARK@", O_CREAT | O_RDWR, 0600, NULL));
    syscall(SYS_mq_unlink, "@MARK@");
    return 0;
}

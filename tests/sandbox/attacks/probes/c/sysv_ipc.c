/* Make shared memory, semaphores and message queues that outlive it.
 *
 * area: leftovers
 */
#include "prelude.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void) {
    key_t key = atoi("@KEY@");
    told("shared memory", shmget(key, 4096, IPC_CREAT | 0600));
    told("semaphores", semget(key, 1, IPC_CREAT | 0600));
    told("a message queue", msgget(key, IPC_CREAT | 0600));
    return 0;
}

/* Take memory as System V segments, detached once they are full.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
    int segments[64], count = 0;
    for (; count < 24; count++) {
        segments[count] = shmget(IPC_PRIVATE, 64 * MIB, IPC_CREAT | 0600);
        void *place = segments[count] < 0 ? (void *)-1 : shmat(segments[count], NULL, 0);
        if (place == (void *)-1) break;
        memset(place, 1, 64 * MIB);
        shmdt(place);
    }
    reached("MiB of segments", count * 64L, 1024);
    for (int i = 0; i < count; i++) shmctl(segments[i], IPC_RMID, NULL);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of sharing that do not show in the counters of the process whose PSS changes, each done on command:
 * what a cache of PSS values gets wrong.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

enum { DEFAULT_MIB = 128, MIB_MAX = 4096 };

static size_t size_arg(int argc, char **argv, int at)
{
	return MIB * (size_t)(argc > at ? number_arg("MIB", argv[at], 1, MIB_MAX) : DEFAULT_MIB);
}

/* -- fork-exit: the parent's PSS halves when it forks and doubles when the child is gone ---------------- */

static void act_nothing(char command, void *context)
{
	(void)command;
	(void)context;
}

static void fork_exit_run(const char *line, void *context)
{
	struct worker *child = context;

	if (strcmp(line, "fork") == 0 && child->pid == 0) {
		worker_start(child, act_nothing, NULL);
		if (worker_do(child, 'h'))
			say("ok child=%d", (int)child->pid);
		else
			say("error the child is gone");
	} else if (strcmp(line, "exit") == 0 && child->pid > 0) {
		worker_end(child);
		say("ok");
	} else {
		say("error fork, then exit");
	}
}

int fork_exit_main(int argc, char **argv)
{
	struct worker child = { .pid = 0 };
	size_t bytes = size_arg(argc, argv, 1);

	pages_write(private_map(bytes), bytes, 1);
	say("ready parent=%d bytes=%zu", (int)getpid(), bytes);
	command_loop(fork_exit_run, &child);
	worker_end(&child);
	return 0;
}

/* -- memfd: the owner's PSS halves when the peer has touched the memory, and doubles when it unmaps ----- */

struct peer {
	struct worker worker;
	int fd;
	size_t bytes;
	unsigned char *memory;		/* in the peer */
	bool mapped;			/* in the owner: what the peer was told */
};

static void peer_act(char command, void *context)
{
	struct peer *peer = context;

	if (command == 'm') {
		peer->memory = mmap(NULL, peer->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, peer->fd, 0);
		if (peer->memory == MAP_FAILED)
			die("mmap of the memfd");
		pages_read(peer->memory, peer->bytes);
	} else if (command == 'u') {
		if (munmap(peer->memory, peer->bytes) < 0)
			die("munmap");
	}
}

static void memfd_run(const char *line, void *context)
{
	struct peer *peer = context;
	bool map = strcmp(line, "map") == 0, unmap = strcmp(line, "unmap") == 0;

	if (peer->worker.pid > 0 && ((map && !peer->mapped) || (unmap && peer->mapped))) {
		if (worker_do(&peer->worker, map ? 'm' : 'u')) {
			peer->mapped = map;
			say("ok");
		} else {
			say("error the peer is gone");
		}
	} else if (strcmp(line, "exit") == 0 && peer->worker.pid > 0) {
		worker_end(&peer->worker);
		say("ok");
	} else {
		say("error map, unmap or exit, in an order that makes sense");
	}
}

int memfd_main(int argc, char **argv)
{
	struct peer peer = { .bytes = size_arg(argc, argv, 1) };
	unsigned char *memory;

	peer.fd = memfd_create("memtide-load", MFD_CLOEXEC);
	if (peer.fd < 0 || ftruncate(peer.fd, (off_t)peer.bytes) < 0)
		die("memfd_create");
	/* The peer is born first, so that it does not inherit the owner's mapping. */
	worker_start(&peer.worker, peer_act, &peer);
	memory = mmap(NULL, peer.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, peer.fd, 0);
	if (memory == MAP_FAILED)
		die("mmap of the memfd");
	pages_write(memory, peer.bytes, 1);
	say("ready owner=%d peer=%d bytes=%zu", (int)getpid(), (int)peer.worker.pid, peer.bytes);
	command_loop(memfd_run, &peer);
	worker_end(&peer.worker);
	return 0;
}

/* -- file-sharer: two map one file; when one exits, the other's PSS doubles ----------------------------- */

static void map_whole(int fd, size_t bytes)
{
	unsigned char *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		die("mmap of the file");
	pages_read(memory, bytes);
}

static void sharer_act(char command, void *context)
{
	struct peer *peer = context;

	if (command == 'm')
		map_whole(peer->fd, peer->bytes);
}

static void sharer_run(const char *line, void *context)
{
	struct worker *worker = context;

	if (strcmp(line, "exit") == 0 && worker->pid > 0) {
		worker_end(worker);
		say("ok");
	} else {
		say("error exit, once");
	}
}

int file_sharer_main(int argc, char **argv)
{
	struct peer peer = { .bytes = size_arg(argc, argv, 2) };
	char path[4096];

	if (argc < 2) {
		fputs("memtide-load: file-sharer: a directory is needed\n", stderr);
		return 2;
	}
	/* A name that outlives SIGKILL would leave the file behind; the kernel's side of sharing needs none. */
	peer.fd = resident_file(argv[1], "memtide-load-file", peer.bytes, path, sizeof(path));
	unlink(path);
	worker_start(&peer.worker, sharer_act, &peer);
	map_whole(peer.fd, peer.bytes);
	if (!worker_do(&peer.worker, 'm')) {
		fputs("memtide-load: file-sharer: the second process is gone\n", stderr);
		return 1;
	}
	say("ready a=%d b=%d bytes=%zu", (int)getpid(), (int)peer.worker.pid, peer.bytes);
	command_loop(sharer_run, &peer.worker);
	worker_end(&peer.worker);
	return 0;
}

/* -- forkbomb: processes that are gone before one gets to look at them ---------------------------------- */

enum { BOMB_RATE_MAX = 5000, BOMB_SECONDS_MAX = 600, BOMB_ALIVE_MAX = 500, BOMB_LIFE_US = 20000 };

int forkbomb_main(int argc, char **argv)
{
	long rate, seconds, made = 0, skipped = 0;
	uint64_t random = random_seed(1, 0), start;

	if (argc != 3) {
		fputs("memtide-load: forkbomb: RATE SECONDS\n", stderr);
		return 2;
	}
	rate = number_arg("RATE", argv[1], 1, BOMB_RATE_MAX);
	seconds = number_arg("SECONDS", argv[2], 1, BOMB_SECONDS_MAX);
	say("ready pid=%d", (int)getpid());
	start = now_ns();
	for (long i = 0, alive = 0; i < rate * seconds; i++) {
		pid_t parent = getpid(), pid;
		useconds_t life = (useconds_t)(random_next(&random) % BOMB_LIFE_US);

		sleep_until_ns(start + (uint64_t)i * 1000000000u / (uint64_t)rate);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			alive--;
		if (alive >= BOMB_ALIVE_MAX) {
			skipped++;
			continue;
		}
		pid = fork();
		if (pid == 0) {
			end_with_parent(parent, SIGKILL);
			usleep(life);
			_exit(0);
		}
		if (pid > 0) {
			alive++;
			made++;
		} else {
			skipped++;
		}
	}
	say("done made=%ld skipped=%ld seconds=%.2f", made, skipped, (double)(now_ns() - start) / 1e9);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at the carrier of interfaces every millisecond or so and tells of each change.
 *
 * Why look: rtnetlink tells up to a second late (linkwatch), and programs on the functions that change the carrier
 * (fexit) are not allowed on every kernel that lets a timer run.
 *
 * `agr_begin` runs once, in the network namespace that is meant. links.py is the other side.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define PORTS 1024
#define HASH_SIZE 256 /* NETDEV_HASHENTRIES */
#define CHAIN 64
/* ns: never faster, never slower, and at most a hundredth of a processor between these */
#define FASTEST 1000000ull
#define SLOWEST 10000000ull
#define SHARE 100

/* What is used of the kernel's structures; libbpf finds out where it is. */
typedef struct { int counter; } atomic_t;
struct hlist_node { struct hlist_node *next; } __attribute__((preserve_access_index));
struct hlist_head { struct hlist_node *first; } __attribute__((preserve_access_index));
struct net { struct hlist_head *dev_index_head; } __attribute__((preserve_access_index));
struct nsproxy { struct net *net_ns; } __attribute__((preserve_access_index));
struct task_struct { struct nsproxy *nsproxy; } __attribute__((preserve_access_index));
struct net_device {
	int ifindex;
	unsigned long state;
	atomic_t carrier_up_count, carrier_down_count;
	struct hlist_node index_hlist;
} __attribute__((preserve_access_index));
enum netdev_state_t { __LINK_STATE_START, __LINK_STATE_NOCARRIER = 2 };

/* Which interface (0: here the list ends; FREE: none), and how it was when it was looked at. */
#define FREE 0xffffffff
struct link { __u32 index, seen, up, ups, downs; };
struct change { __u32 index, up, lost; };
struct watch { struct bpf_timer timer; __u64 net, cost; };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watch);
} agr_watch SEC(".maps");

/* A list: to go through a hash costs as much as it has room, and that a thousand times a second. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, struct link);
} agr_links SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} agr_changes SEC(".maps");

static struct net_device *find(struct net *net, __u32 index)
{
	struct hlist_head *heads = BPF_CORE_READ(net, dev_index_head);
	struct hlist_node *node = 0;

	bpf_probe_read_kernel(&node, sizeof(node), (void *)heads + index % HASH_SIZE * sizeof(node));
	for (int i = 0; i < CHAIN && node; i++) {
		struct net_device *device =
			(void *)node - bpf_core_field_offset(struct net_device, index_hlist);
		if (BPF_CORE_READ(device, ifindex) == index)
			return device;
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

/* What is not found here rtnetlink tells at once: it was deleted, or moved to another namespace. */
static long look(void *map, __u32 *place, struct link *link, __u64 *net)
{
	struct net_device *device;
	struct link now = { .index = link->index };
	struct change *change;

	if (!now.index)
		return 1;
	if (now.index == FREE)
		return 0;
	device = find((struct net *)*net, now.index);
	if (!device)
		return 0;
	unsigned long state = BPF_CORE_READ(device, state);
	now.up = state >> bpf_core_enum_value(enum netdev_state_t, __LINK_STATE_START) & 1 &&
		 !(state >> bpf_core_enum_value(enum netdev_state_t, __LINK_STATE_NOCARRIER) & 1);
	now.ups = BPF_CORE_READ(device, carrier_up_count.counter);
	now.downs = BPF_CORE_READ(device, carrier_down_count.counter);
	if (link->seen && now.up == link->up && now.ups == link->ups &&
	    now.downs == link->downs)
		return 0;
	change = bpf_ringbuf_reserve(&agr_changes, sizeof(*change), 0);
	if (!change)
		return 0; /* the next round tells */
	change->index = now.index;
	change->up = now.up;
	change->lost = !now.up || (link->seen && now.downs != link->downs);
	bpf_ringbuf_submit(change, 0);
	if (link->index != now.index)
		return 0; /* it is another's place by now, or nobody's */
	link->seen = 1;
	link->up = now.up;
	link->ups = now.ups;
	link->downs = now.downs;
	return 0;
}

static int round(void *map, __u32 *key, struct watch *watch)
{
	__u64 begin = bpf_ktime_get_ns(), net = watch->net, pause;

	bpf_for_each_map_elem(&agr_links, look, &net, 0);
	pause = watch->cost * SHARE;
	pause = pause < FASTEST ? FASTEST : pause > SLOWEST ? SLOWEST : pause;
	bpf_timer_start(&watch->timer, pause, 0);
	watch->cost = (watch->cost * 15 + bpf_ktime_get_ns() - begin) / 16;
	return 0;
}

SEC("syscall") int agr_begin(void *unused)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	__u32 first = 0;
	struct watch *watch = bpf_map_lookup_elem(&agr_watch, &first);

	if (!watch)
		return 1;
	watch->net = (__u64)BPF_CORE_READ(task, nsproxy, net_ns);
	if (bpf_timer_init(&watch->timer, &agr_watch, 1 /* CLOCK_MONOTONIC */) ||
	    bpf_timer_set_callback(&watch->timer, round))
		return 1;
	return bpf_timer_start(&watch->timer, 0, 0) != 0;
}

char _license[] SEC("license") = "GPL";

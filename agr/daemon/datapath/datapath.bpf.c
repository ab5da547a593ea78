// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path of one aggregate, run by tc where frames come in:
 *
 *   agr_tx  on agr0's mate: what the client sends, to a port (Frame Distribution, 43.2.4);
 *   agr_rx  on each port: what arrives, to agr0 (Frame Collection, 43.2.3).
 *
 * kernelpath.py is the other side of the maps. Times are CLOCK_MONOTONIC, in ns.
 *
 * The frames of a bucket, and what a port receives, are a queue; it may be held. Then a frame is counted in
 * `held`, marked, and received a second time by the same interface: there agrd's packet socket, which wants the
 * mark, has it. agrd sends such frames in order and then counts them in `released`. Until both are equal, later
 * frames go the same way, or they would overtake. Where agrd has died, `deadline` passes, and frames go where
 * the queue says.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define BUCKETS 1024
#define PORTS 512
#define QUEUES (BUCKETS + PORTS + 1) /* of a port: BUCKETS + its slot */
#define QUEUE_BITS 11
#define HEADERS 62 /* two tags and the whole header of IPv6 */

#define HELD (1ull << 48)
#define PORT_OF(where) ((__u32)(where))
#define SLOT_OF(where) ((__u32)((where) >> 32) & 0xffff)

/*
 * `where` frames go: ifindex of the port, or of the mate; 0 for nowhere. Behind it the port's slot << 32, and HELD.
 * One word, so that a reader never sees half of a change.
 */
struct queue { __u64 where, held, released, deadline; };
struct settings { __u32 magic, turns; __u64 turn; };
struct counters { __u64 of[4]; };

/* Of a port, in its slot. */
enum { RECEIVED, SENT, DISCARDED };
/* Of the client, in slot 0. */
enum { UNDISTRIBUTED, REFUSED };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, QUEUES);
	__type(key, __u32);
	__type(value, struct queue);
} agr_queues SEC(".maps");

/* Round robin: `where` of the ports that take turns. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, __u64);
} agr_turns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} agr_settings SEC(".maps");

/* Slots by ifindex. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, __u32);
} agr_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PORTS + 1);
	__type(key, __u32);
	__type(value, struct counters);
} agr_counters SEC(".maps");

static __always_inline void count(__u32 slot, __u32 what)
{
	struct counters *counters = bpf_map_lookup_elem(&agr_counters, &slot);
	if (counters)
		counters->of[what]++;
}

static __always_inline __u32 mix(__u32 value, __u32 word)
{
	value = (value ^ word) * 0x9E3779B1u;
	return value ^ value >> 15;
}

static __always_inline __u16 number(const __u8 *octets)
{
	return bpf_ntohs(*(const __u16 *)octets);
}

/* Little-endian. By halves: the verifier wants aligned loads from the stack. */
static __always_inline __u32 word(const __u8 *octets)
{
	return __builtin_bswap32((__u32)number(octets) << 16 | number(octets + 2));
}

static __always_inline int is_tag(__u16 kind)
{
	return kind == 0x8100 || kind == 0x88A8;
}

/* The addresses of the IP header at `packet`, where all of it is there; three 0 behind all that is taken in. */
static __always_inline __u32 mix_addresses(__u32 value, __u16 kind, const __u8 *packet, __u32 left)
{
	if (kind == 0x0800 && left >= 20) {
		value = mix(mix(value, word(packet + 12)), word(packet + 16));
	} else if (kind == 0x86DD && left >= 40) {
#pragma unroll
		for (int at = 8; at < 40; at += 4)
			value = mix(value, word(packet + at));
	}
	return mix(mix(mix(value, 0), 0), 0);
}

/*
 * agr.core.distribution.bucket_of of the frame that begins with the `octets` of `frame`, at least 14. The first
 * tag is usually not among them: the kernel keeps it beside the frame.
 */
static __always_inline __u32 bucket_of(struct __sk_buff *skb, const __u8 *frame, __u32 octets)
{
	__u32 value = mix(mix(mix(0, word(frame)), word(frame + 4)), word(frame + 8));
	__u16 kind = number(frame + 12);
	int beside = skb->vlan_present;

	if (!is_tag(kind) || octets < 18) {
		value = mix(value, beside ? skb->vlan_tci : 0);
		return mix_addresses(value, kind, frame + 14, octets - 14) % BUCKETS;
	}
	value = mix(value, beside ? skb->vlan_tci : number(frame + 14));
	kind = number(frame + 16);
	if (beside || !is_tag(kind) || octets < 22)
		return mix_addresses(value, kind, frame + 18, octets - 18) % BUCKETS;
	kind = number(frame + 20);
	return mix_addresses(value, kind, frame + 22, octets - 22) % BUCKETS;
}

static __always_inline int is_link_local(const __u8 *frame)
{
	return word(frame) == 0x00C28001 && number(frame + 4) < 0x10;
}

/* Of the slow protocols, by address and type (43B.3); a frame with a tag never is. */
static __always_inline int is_slow(struct __sk_buff *skb, const __u8 *frame)
{
	return !skb->vlan_present && number(frame + 12) == 0x8809 && is_link_local(frame) && number(frame + 4) == 2;
}

/* LACP's, the Marker Protocol's, or an illegal subtype of slow protocols (43.2.9, 43B.5). */
static __always_inline int is_control(struct __sk_buff *skb, const __u8 *frame)
{
	__u8 subtype = 0;

	if (!is_slow(skb, frame))
		return 0;
	bpf_skb_load_bytes(skb, 14, &subtype, 1);
	return subtype < 3 || subtype > 10;
}

static __always_inline int to_port(__u64 where)
{
	if (!PORT_OF(where)) {
		count(0, UNDISTRIBUTED);
		return TC_ACT_SHOT;
	}
	count(SLOT_OF(where), SENT);
	return bpf_redirect(PORT_OF(where), 0);
}

/* Whether the frame is with agrd's socket already. */
static __always_inline int is_marked(struct __sk_buff *skb, struct settings *settings)
{
	return skb->mark && skb->mark >> QUEUE_BITS == settings->magic;
}

static __always_inline int is_held(struct queue *queue, __u64 where)
{
	return (where & HELD || queue->held != *(volatile __u64 *)&queue->released) &&
	       bpf_ktime_get_ns() < queue->deadline;
}

/* Count and mark a frame that is now to be received a second time, by agrd. */
static __always_inline void hold(struct __sk_buff *skb, struct settings *settings, struct queue *queue, __u32 at)
{
	__sync_fetch_and_add(&queue->held, 1);
	skb->mark = settings->magic << QUEUE_BITS | at;
}

SEC("tc") int agr_tx(struct __sk_buff *skb)
{
	__u8 frame[64] __attribute__((aligned(8))) = {};
	__u32 octets = skb->len, first = 0, at;
	struct settings *settings = bpf_map_lookup_elem(&agr_settings, &first);

	if (!settings || is_marked(skb, settings))
		return TC_ACT_SHOT;
	if (octets > HEADERS)
		octets = HEADERS;
	if (octets < 14 || bpf_skb_load_bytes(skb, 0, frame, octets)) {
		count(0, UNDISTRIBUTED);
		return TC_ACT_SHOT;
	}
	if (is_slow(skb, frame)) {
		count(0, REFUSED);
		return TC_ACT_SHOT;
	}
	if (settings->turns) {
		at = __sync_fetch_and_add(&settings->turn, 1) % settings->turns;
		__u64 *where = bpf_map_lookup_elem(&agr_turns, &at);
		return to_port(where ? *where : 0);
	}
	at = bucket_of(skb, frame, octets);
	struct queue *queue = bpf_map_lookup_elem(&agr_queues, &at);
	if (!queue)
		return TC_ACT_SHOT;
	__u64 where = *(volatile __u64 *)&queue->where;
	if (!is_held(queue, where))
		return to_port(where);
	hold(skb, settings, queue, at);
	return bpf_redirect(skb->ifindex, BPF_F_INGRESS);
}

/* To `to`; a frame to 01-80-C2-00-00-0x goes on as well, for LLDP or 802.1X on the port itself. */
static __always_inline int deliver(struct __sk_buff *skb, __u32 to, __u64 flags, int link_local)
{
	if (!link_local)
		return bpf_redirect(to, flags);
	bpf_clone_redirect(skb, to, flags);
	return TC_ACT_UNSPEC;
}

/* What is not for the client goes on to the guard that agrd keeps on each port: packet.py, STACK_GUARD. */
SEC("tc") int agr_rx(struct __sk_buff *skb)
{
	__u8 *frame = (void *)(long)skb->data;
	__u32 index = skb->ifindex, first = 0;

	if (frame + 14 > (__u8 *)(long)skb->data_end)
		return TC_ACT_UNSPEC;
	if (is_control(skb, frame))
		return TC_ACT_UNSPEC;
	int link_local = is_link_local(frame);
	struct settings *settings = bpf_map_lookup_elem(&agr_settings, &first);
	__u32 *slot = bpf_map_lookup_elem(&agr_ports, &index);
	if (!settings || !slot)
		return TC_ACT_UNSPEC;
	if (is_marked(skb, settings))
		return TC_ACT_SHOT;
	__u32 at = BUCKETS + *slot;
	struct queue *queue = bpf_map_lookup_elem(&agr_queues, &at);
	if (!queue)
		return TC_ACT_SHOT;
	__u64 where = *(volatile __u64 *)&queue->where;
	if (is_held(queue, where)) {
		__u32 mark = skb->mark;

		hold(skb, settings, queue, at);
		int verdict = deliver(skb, skb->ifindex, BPF_F_INGRESS, link_local);
		if (link_local)
			skb->mark = mark;
		return verdict;
	}
	if (!PORT_OF(where)) {
		count(*slot, DISCARDED);
		return link_local ? TC_ACT_UNSPEC : TC_ACT_SHOT;
	}
	count(*slot, RECEIVED);
	return deliver(skb, PORT_OF(where), 0, link_local);
}

char _license[] SEC("license") = "GPL";

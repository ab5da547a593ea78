// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames by the million: wire_send makes them, BPF_PROG_TEST_RUN calls it once for each; wire_check takes them
 * off an interface (XDP) and looks at every one, wire_check_tc does so behind XDP (tc); wire_deaf lets none in.
 * generating.py, checker.py and deaf.py are the other side.
 *
 * Octets 44 to 59 are the stamp of harness/traffic/stamp.py. All places are those of harness/traffic/flows.py.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define OCTETS 60
#define FLOWS 65536
#define WINDOW 512 /* places of a flow, behind its highest, of which it is known whether they came */
#define WORDS (WINDOW / 64)

/*
 * `flow` and `sequence` are those of the next frame; `sum` is of the IP header without checksum and flow. `clock` is
 * what the wall clock is ahead of the monotonic one, nanoseconds.
 */
struct sending { __u32 interface, flows, flow, sum, sequence, unused; __u64 clock; };

/* `next` is the place behind the highest; `old` frames came too late to say whether they came before. */
struct flow { __u64 next, received, duplicated, reordered, old, came[WORDS]; };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sending);
} wire_sending SEC(".maps");

/* The run whose frames are checked, as it stands in the frame. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} wire_run SEC(".maps");

/* Frames of that run whose stamp was changed: of which flow they were is not known. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} wire_corrupted SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FLOWS);
	__type(key, __u32);
	__type(value, struct flow);
} wire_flows SEC(".maps");

static __always_inline __u32 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* The last word of a stamp, which makes the checksum of all eight 0. */
static __always_inline __u16 balance(const __u8 *frame)
{
	const __u16 *words = (const void *)(frame + 44);
	__u32 sum = 0;

	for (int n = 0; n < 7; n++)
		sum += words[n];
	return ~fold(sum);
}

SEC("xdp") int wire_send(struct xdp_md *context)
{
	__u8 *frame = (void *)(long)context->data;
	__u32 first = 0;
	struct sending *sending = bpf_map_lookup_elem(&wire_sending, &first);

	if (!sending || frame + OCTETS > (__u8 *)(long)context->data_end)
		return XDP_ABORTED;
	*(__u16 *)(frame + 24) = bpf_htons(~fold(sending->sum + sending->flow));
	*(__u16 *)(frame + 32) = bpf_htons(sending->flow);
	*(__u32 *)(frame + 48) = sending->sequence;
	*(__u32 *)(frame + 52) = (bpf_ktime_get_ns() + sending->clock) / 256;
	*(__u16 *)(frame + 56) = sending->flow;
	*(__u16 *)(frame + 58) = balance(frame);
	if (++sending->flow >= sending->flows) {
		sending->flow = 0;
		sending->sequence++;
	}
	return bpf_redirect(sending->interface, 0);
}

/* What was passed over has not come. */
static __always_inline void advance(struct flow *flow, __u64 sequence)
{
	__u64 passed = sequence - flow->next;

	for (__u32 step = 0; step < WINDOW && step < passed; step++) {
		__u64 place = flow->next + step;
		flow->came[place / 64 % WORDS] &= ~(1ull << place % 64);
	}
	flow->came[sequence / 64 % WORDS] |= 1ull << sequence % 64;
	flow->next = sequence + 1;
}

/* Whether the frame is one of the run; it is counted then. */
static __always_inline int check(const __u8 *frame, const __u8 *end)
{
	__u32 first = 0;
	__u32 *run = bpf_map_lookup_elem(&wire_run, &first);

	if (!run || frame + OCTETS > end || *(__u32 *)(frame + 44) != *run)
		return 0;
	if (*(__u16 *)(frame + 58) != balance(frame)) {
		__u64 *corrupted = bpf_map_lookup_elem(&wire_corrupted, &first);
		if (corrupted)
			__sync_fetch_and_add(corrupted, 1);
		return 1;
	}
	__u32 number = *(__u16 *)(frame + 56);
	struct flow *flow = bpf_map_lookup_elem(&wire_flows, &number);
	if (!flow)
		return 0;
	__u64 sequence = *(__u32 *)(frame + 48), word = sequence / 64 % WORDS, bit = 1ull << sequence % 64;
	flow->received++;
	if (sequence >= flow->next) {
		advance(flow, sequence);
	} else if (flow->next - sequence > WINDOW) {
		flow->old++;
	} else if (flow->came[word] & bit) {
		flow->duplicated++;
	} else {
		flow->reordered++;
		flow->came[word] |= bit;
	}
	return 1;
}

SEC("xdp") int wire_check(struct xdp_md *context)
{
	return check((void *)(long)context->data, (void *)(long)context->data_end) ? XDP_DROP : XDP_PASS;
}

SEC("tc") int wire_check_tc(struct __sk_buff *skb)
{
	if (skb->len >= OCTETS && skb->data_end - skb->data < OCTETS)
		bpf_skb_pull_data(skb, OCTETS);
	return check((void *)(long)skb->data, (void *)(long)skb->data_end) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("xdp") int wire_deaf(struct xdp_md *context)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";

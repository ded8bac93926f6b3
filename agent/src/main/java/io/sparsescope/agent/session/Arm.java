package io.sparsescope.agent.session;

import io.sparsescope.profile.ProfileRecorder;

/**
 * A native session that shows counts: the application's own if it was created from the rewritten
 * model, else one of ours beside it.
 *
 * @param handle the native session
 * @param taps what its outputs beside the application's hold
 * @param recorder where its runs are recorded
 */
record Arm(long handle, Taps taps, ProfileRecorder recorder) {}

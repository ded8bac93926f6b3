package io.sparsescope.agent.export;

/**
 * What a client gets.
 *
 * @param contentType its media type
 * @param body not to be changed any more
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, written once.
record Answer(String contentType, byte[] body) {}

package io.sparsescope.agent.export;

/**
 * What a client asks for.
 *
 * @param query what stands behind the {@code ?}, undecoded, "" if nothing
 * @param accept the media types it accepts, "" if it does not say
 */
record Request(String query, String accept) {}

package io.recant.core.config;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A named choice with its settings as a configuration writes it: either the bare name, or a mapping
 * with {@code name} and the settings beside it.
 *
 * @param name the extension's name
 * @param settings everything beside {@code name}, not yet bound
 */
public record Strategy(String name, ObjectNode settings) {}

package io.recant.core.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Map;

/**
 * What made an artefact.
 *
 * @param recant version of Recant
 * @param git the commit it was built from, or {@code unknown}
 * @param java the Java version
 * @param libraries versions of the engines in use, by name
 * @param os name and architecture
 * @param master where Spark ran
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Provenance(
    String recant,
    String git,
    String java,
    Map<String, String> libraries,
    String os,
    String master) {}

import type { KubeObject } from '../../../apiserver/store.ts';
import { meetsRequirement } from '../label-selector.ts';
import type { NodeSelector } from '../objects/pod.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';

/** Whether one of the terms holds; terms are alternatives, the requirements inside of one must all hold. */
export function nodeSelectorMatches(selector: NodeSelector, node: KubeObject): boolean {
  return (selector.nodeSelectorTerms ?? []).some((term) => {
    const expressions = term.matchExpressions ?? [];
    const fields = term.matchFields ?? [];
    return (
      expressions.length + fields.length > 0 &&
      expressions.every((requirement) => meetsRequirement(requirement, node.metadata.labels)) &&
      fields.every((requirement) => meetsRequirement(requirement, { 'metadata.name': node.metadata.name }))
    );
  });
}

/** Why the pod does not fit the node, as kube-scheduler says it; undefined when it fits. */
export function misfit(pod: Pod, node: Node): string | undefined {
  const tolerates = pod.spec.tolerations?.some(({ key }) => key === 'node.kubernetes.io/unschedulable') ?? false;
  if (node.spec.unschedulable === true && !tolerates) {
    return 'node(s) were unschedulable';
  }
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selected = wanted.every(([key, value]) => node.metadata.labels?.[key] === value);
  if (!selected || (required !== undefined && !nodeSelectorMatches(required, node))) {
    return "node(s) didn't match Pod's node affinity/selector";
  }
  return undefined;
}

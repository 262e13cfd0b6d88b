/** Where Kubernetes mounts a service account's files. kubernetes:plugin/pkg/admission/serviceaccount/admission.go */
export const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Names another directory for them: a projected volume may be mounted anywhere. */
export const accountDirectoryVariable = 'V2_VERIFIER_SERVICE_ACCOUNT';

import { badRequest } from '../errors.ts';
import { groupVersion } from '../resources/type.ts';
import type { JsonObject } from '../validation/schema.ts';
import { readObject } from './body.ts';
import type { HandlerContext } from './context.ts';
import { checkKind } from './decode.ts';
import { sendJson } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { validateFields } from './field-validation.ts';
import { checkListOptions } from './list-options.ts';
import { selectionOf } from './list.ts';
import { negotiate } from './negotiate.ts';
import { patchObject } from './patch.ts';
import { bindPod } from './pods.ts';
import { createFromBody, deleteCollection, deleteObject, getList, getObject, replaceFromBody } from './rest.ts';
import { answerReview } from './reviews.ts';
import type { CollectionRoute, ObjectRoute } from './route.ts';
import { serveAction } from './subresource-actions.ts';
import { serveWatch } from './watch.ts';
import { writeParameters } from './write-parameters.ts';

/** The query with the name that the path of a watch may carry as a selector. */
function queryOf(exchange: Exchange, route: CollectionRoute): URLSearchParams {
  const name = route.watched?.name;
  if (name === undefined) return exchange.query;
  const query = new URLSearchParams(exchange.query);
  query.set('fieldSelector', `metadata.name=${name}`);
  return query;
}

/** Does what the verb of a request says to what its route names. */
export async function serveVerb(
  context: HandlerContext,
  exchange: Exchange,
  route: CollectionRoute | ObjectRoute,
  verb: string,
): Promise<void> {
  const { store, watches, timestamp } = context;
  const { type, namespace } = route;
  if (route.kind === 'object') {
    await serveObject(context, exchange, route, verb);
    return;
  }
  const target = { store, type, namespace, timestamp };
  switch (verb) {
    case 'watch': {
      const format = negotiate(exchange, type, 'watch');
      checkListOptions(exchange.query);
      serveWatch({
        exchange,
        store,
        type,
        selection: selectionOf(type, namespace, queryOf(exchange, route)),
        format,
        connections: watches,
      });
      return;
    }
    case 'create':
      if (type.verbs.length > 1) await createFromBody(exchange, target);
      else if (type.kind === 'Binding') await bindPod(exchange, { store, namespace: namespace ?? '', name: undefined });
      else await serveReview(context, exchange, route);
      return;
    case 'deletecollection':
      await deleteCollection(exchange, target);
      return;
    default:
      getList(exchange, target);
  }
}

async function serveReview(
  { access, store }: HandlerContext,
  exchange: Exchange,
  route: CollectionRoute,
): Promise<void> {
  const { type, namespace } = route;
  const { body, text } = await readObject(exchange.request, type);
  checkKind(store.registry, type, body, text);
  const mode = writeParameters(exchange, 'CreateOptions').fieldValidation;
  validateFields(exchange, type, body as JsonObject, { text, mode });
  const answer = answerReview({
    type,
    body: { apiVersion: groupVersion(type), ...body },
    caller: exchange.caller,
    access,
    namespace,
  });
  if (answer === undefined) throw badRequest(`creating a ${type.kind} is not supported by this server`);
  sendJson(exchange, 201, answer);
}

async function serveObject(
  context: HandlerContext,
  exchange: Exchange,
  route: ObjectRoute,
  verb: string,
): Promise<void> {
  const { store, timestamp } = context;
  const { type, namespace, name, subresource } = route;
  const target = { store, type, namespace, name, subresource, timestamp };
  if (subresource !== undefined && (await serveAction(context, exchange, route))) return;
  switch (verb) {
    case 'create':
      await createFromBody(exchange, target);
      return;
    case 'update':
      await replaceFromBody(exchange, target);
      return;
    case 'patch':
      await patchObject(exchange, target);
      return;
    case 'delete':
      await deleteObject(exchange, target);
      return;
    default:
      getObject(exchange, target);
  }
}

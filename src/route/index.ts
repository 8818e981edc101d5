export type { RouteDefinition } from './definition.js';
export { routeImageOf } from './image.js';
export type { RouteImage } from './pair.js';
export { loadRoutes, parseRoute } from './parse.js';
export { routesFor } from './routes.js';
export { standingOf, type Standing } from './standing.js';
